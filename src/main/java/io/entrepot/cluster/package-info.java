/** Several nodes on one database: who they are, and what they tell each other. */
@NullMarked
package io.entrepot.cluster;

import org.jspecify.annotations.NullMarked;
