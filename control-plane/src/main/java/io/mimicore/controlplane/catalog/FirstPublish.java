package io.mimicore.controlplane.catalog;

/// What the first look at every directory has come to.
///
/// @param version the version that holds it; 0: there is nothing to publish
/// @param apis how many are live
/// @param filesWithProblems how many files and directories have at least one error
public record FirstPublish(long version, int apis, int filesWithProblems) {}
