package dev.millrace;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The floors of the packages under one root, and the rules about who may import what.
 *
 * <p>Imports go down, or sideways on one floor as long as they make no cycle.
 *
 * @param root the package above all floors; the real one, or that of the plants
 */
record Floors(String root) {

  /** Floor 0 first. The root itself, with {@code Main} in it, stands on the top floor. */
  private static final List<Set<String>> TABLE =
      List.of(
          Set.of("artifact", "config", "observe"),
          Set.of("format", "policy", "route", "storage", "catalog", "coordinate"),
          Set.of("fill", "store"),
          Set.of("origin", "serve"),
          Set.of("exchange", "manage", "virtual"),
          Set.of("server"),
          Set.of("cli", "node", ""));

  private static final int FIRST_FLOOR_WITH_CHANNELS = 2;

  /**
   * Where a file meets Netty: {@code storage} alone may hold a {@code FileChannel}, so the region
   * that sends from one is its own, though it stands below the channels.
   */
  private static final Set<String> REGIONS =
      Set.of(
          "io.netty.channel.DefaultFileRegion",
          "io.netty.channel.FileRegion",
          "io.netty.util.AbstractReferenceCounted",
          "io.netty.util.ReferenceCounted");

  private static final Set<String> CHANNEL_PACKAGES =
      Set.of("io.netty.bootstrap", "io.netty.buffer", "io.netty.channel", "io.netty.handler.ssl");

  private static final Set<String> CHANNEL_TYPES =
      Set.of(
          "io.netty.channel.ChannelHandler",
          "io.netty.util.ReferenceCounted",
          "io.netty.util.concurrent.EventExecutorGroup",
          "io.netty.util.concurrent.Future");

  private static final Set<String> FILE_TYPES =
      Set.of(
          "java.io.FileInputStream",
          "java.io.FileOutputStream",
          "java.io.RandomAccessFile",
          "java.nio.channels.AsynchronousFileChannel",
          "java.nio.channels.FileChannel");

  /** An import never goes up. */
  ArchRule importsGoDown() {
    return own(
        "import nothing from a floor above",
        (type, events) ->
            forEachOwnTarget(
                type,
                dependency -> {
                  if (floor(dependency.getTargetClass()) > floor(type)) {
                    events.add(violated(type, dependency.getDescription()));
                  }
                }));
  }

  /** No two packages import each other, not even by way of a third. */
  ArchRule noCycles() {
    return SlicesRuleDefinition.slices()
        .matching(root + ".(*)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true);
  }

  /** Each package is in the table, one level deep, and the root holds Main only. */
  ArchRule everyPackageHasAFloor() {
    return own(
        "be in a package of the table, or be Main",
        (type, events) -> {
          boolean strayInRoot = type.getPackageName().equals(root) && !isMain(type);
          if (floor(type) < 0 || strayInRoot) {
            events.add(violated(type, type.getName() + " is in no package of the table"));
          }
        });
  }

  /** Nothing knows the composition root. */
  ArchRule nothingImportsMain() {
    return own(
        "not import Main",
        (type, events) ->
            forEachOwnTarget(
                type,
                dependency -> {
                  if (isMain(dependency.getTargetClass()) && !isMain(type)) {
                    events.add(violated(type, dependency.getDescription()));
                  }
                }));
  }

  /** Whatever reads or writes a file does so through {@code storage}. */
  ArchRule filesOnlyInStorage() {
    return own(
        "leave files to storage",
        (type, events) ->
            forEachTarget(
                type,
                dependency -> {
                  if (!packageOf(type).equals("storage")
                      && FILE_TYPES.contains(dependency.getTargetClass().getName())) {
                    events.add(violated(type, dependency.getDescription()));
                  }
                }));
  }

  /** The rules and devices know no channel, no event loop and no counted buffer. */
  ArchRule channelsOnlyFromFillUp() {
    return own(
        "hold no Netty channel type below floor " + FIRST_FLOOR_WITH_CHANNELS,
        (type, events) ->
            forEachTarget(
                type,
                dependency -> {
                  JavaClass target = dependency.getTargetClass();
                  boolean region =
                      packageOf(type).equals("storage")
                          && (REGIONS.contains(target.getName())
                              || target.isAssignableTo("io.netty.channel.FileRegion"));
                  if (floor(type) < FIRST_FLOOR_WITH_CHANNELS && isChannelType(target) && !region) {
                    events.add(violated(type, dependency.getDescription()));
                  }
                }));
  }

  /** Whether the class is the composition root or a part of it. */
  boolean isMain(JavaClass type) {
    return type.getName().equals(root + ".Main") || type.getName().startsWith(root + ".Main$");
  }

  /** A rule about each class under the root. */
  ArchRule own(String should, BiConsumer<JavaClass, ConditionEvents> check) {
    return classes()
        .that(DescribedPredicate.describe("are under " + root, this::isOwn))
        .should(
            new ArchCondition<JavaClass>(should) {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                check.accept(type, events);
              }
            })
        .allowEmptyShould(true);
  }

  private boolean isOwn(JavaClass type) {
    String name = type.getPackageName();
    return (name.equals(root) || name.startsWith(root + "."))
        && !type.getSimpleName().equals("package-info");
  }

  private void forEachOwnTarget(JavaClass type, DependencyCheck check) {
    forEachTarget(
        type,
        dependency -> {
          if (isOwn(dependency.getTargetClass())) {
            check.on(dependency);
          }
        });
  }

  private static void forEachTarget(JavaClass type, DependencyCheck check) {
    type.getDirectDependenciesFromSelf().forEach(check::on);
  }

  private static boolean isChannelType(JavaClass type) {
    String name = type.getPackageName();
    return CHANNEL_PACKAGES.stream()
            .anyMatch(banned -> name.equals(banned) || name.startsWith(banned + "."))
        || CHANNEL_TYPES.stream().anyMatch(type::isAssignableTo);
  }

  /** The name below the root; empty for the root itself. */
  private String packageOf(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(root) ? "" : name.substring(root.length() + 1);
  }

  /** The floor of a class, or -1 for a package that the table does not know. */
  private int floor(JavaClass type) {
    String name = packageOf(type);
    for (int floor = 0; floor < TABLE.size(); floor++) {
      if (TABLE.get(floor).contains(name)) {
        return floor;
      }
    }
    return -1;
  }

  /** What a rule does with one dependency. */
  @FunctionalInterface
  private interface DependencyCheck {
    void on(Dependency dependency);
  }
}
