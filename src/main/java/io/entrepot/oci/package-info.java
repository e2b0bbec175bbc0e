/** The vocabulary of OCI distribution: pure values and parsers, no I/O. */
@NullMarked
package io.entrepot.oci;

import org.jspecify.annotations.NullMarked;
