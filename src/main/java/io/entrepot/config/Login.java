package io.entrepot.config;

/**
 * A user name and its password.
 *
 * @param username not empty
 * @param password not empty
 */
public record Login(String username, Secret password) {}
