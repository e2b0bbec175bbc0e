package io.entrepot.cache;

/** What a client gets that asks for a blob: its bytes, or a place where they are. */
public sealed interface BlobAnswer permits BlobDelivery, BlobElsewhere {}
