package io.mimicore.dataplane.pipeline;

/// What an operator can set about answers.
///
/// @param versionHeader whether every answer carries `X-Mimicore-Version`
public record PipelineSettings(boolean versionHeader) {
    /// With `X-Mimicore-Version`.
    public static final PipelineSettings DEFAULT = new PipelineSettings(true);
}
