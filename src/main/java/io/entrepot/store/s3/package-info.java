/** The blob store in an S3 bucket, with a folder near the node before it. */
@NullMarked
package io.entrepot.store.s3;

import org.jspecify.annotations.NullMarked;
