/** Exports one of its two packages. */
module plants {
  exports plant;
}
