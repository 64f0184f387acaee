package plant;

/** The fault: the layout. */
final class Plant
{
    int size( ) { return 1 ; }
}
