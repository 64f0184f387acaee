package plant;

import plant.hidden.Secret;

/**
 * The fault: an exported type that shows a hidden one.
 *
 * @param secret what nobody outside can name
 */
public record Door(Secret secret) {}
