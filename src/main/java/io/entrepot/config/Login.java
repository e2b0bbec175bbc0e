package io.entrepot.config;

/**
 * A user name and its password.
 *
 * @param username the user name, not empty
 * @param password the password, not empty
 */
public record Login(String username, Secret password) {}
