package dev.millrace.bench.peer;

import dev.millrace.bench.relay.RelayDesign;
import dev.millrace.bench.relay.RelayMain;
import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LocalHttp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of the reference relays of this tool.
 *
 * @param design how it handles a body
 * @param heapMegabytes its largest heap
 */
public record RelayPeer(RelayDesign design, int heapMegabytes) implements Peer {
  @Override
  public String name() {
    return design.label();
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMegabytes + "m");
    command.add("-XX:MaxDirectMemorySize=128m");
    command.add("-XX:+UseCompactObjectHeaders");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(RelayMain.class.getName());
    command.add(design.name());
    command.add(String.valueOf(port));
    command.add(String.valueOf(site.originPort()));
    command.add(site.folder().toString());
    Programs.write(site.folder().resolve("relay.txt"), String.join(" ", command) + "\n");
    Child child = Child.start(command, site.cpus(), Map.of(), site.folder().resolve("log"));
    return RunningPeer.await(
        child, site.folder(), new RunningPeer.Address(port, "", "/ready", false));
  }
}
