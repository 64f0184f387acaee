package plant.hidden;

/**
 * Not exported.
 *
 * @param text anything
 */
public record Secret(String text) {}
