/** Sessions, dialects and schema migrations of the database, and the embedded one. */
@NullMarked
package io.entrepot.database;

import org.jspecify.annotations.NullMarked;
