/** Small files of the operator that may change while the application runs. */
@NullMarked
package io.entrepot.files;

import org.jspecify.annotations.NullMarked;
