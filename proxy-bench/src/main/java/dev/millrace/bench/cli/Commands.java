package dev.millrace.bench.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/**
 * Makes the commands, with the place they run in.
 *
 * @param place handed to each
 */
record Commands(Place place) implements IFactory {
  @Override
  public <K> K create(Class<K> type) throws Exception {
    if (type == CompareCommand.class) {
      return type.cast(new CompareCommand(place));
    }
    if (type == GateCommand.class) {
      return type.cast(new GateCommand(place));
    }
    if (type == RunCommand.class) {
      return type.cast(new RunCommand(place));
    }
    if (type == ProtocolsCommand.class) {
      return type.cast(new ProtocolsCommand(place));
    }
    if (type == PlotCommand.class) {
      return type.cast(new PlotCommand(place));
    }
    return CommandLine.defaultFactory().create(type);
  }
}
