/** Runs the programs of src/test/faults, which cause faults to the packaged WAR from outside. */
@NullMarked
package io.entrepot.faults;

import org.jspecify.annotations.NullMarked;
