/** Faults that are caused to the packaged WAR from outside, by the programs of src/test/faults. */
@NullMarked
package io.entrepot.faults;

import org.jspecify.annotations.NullMarked;
