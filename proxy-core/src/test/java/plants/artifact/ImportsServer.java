package plants.artifact;

import plants.server.Door;

/**
 * The fault: an import that goes up.
 *
 * @param door from a floor above
 */
record ImportsServer(Door door) {}
