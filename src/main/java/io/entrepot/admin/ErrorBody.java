package io.entrepot.admin;

/**
 * The JSON of an error of the administrative API.
 *
 * @param status the HTTP status
 * @param message one line for people
 */
public record ErrorBody(int status, String message) {}
