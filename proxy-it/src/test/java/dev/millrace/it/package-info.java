/**
 * Whole-path tests: real sockets, and the proxy as a child process.
 *
 * <p>Each class is named after a situation. The system property {@code millrace.classpath} is the
 * runtime class path of the proxy, {@code millrace.root} the root of the repository; the child runs
 * on the java of the test's own JVM.
 */
@NullMarked
package dev.millrace.it;

import org.jspecify.annotations.NullMarked;
