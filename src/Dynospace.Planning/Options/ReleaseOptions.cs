namespace Dynospace.Planning.Options;

/// <summary>How releases are made and kept.</summary>
public sealed record ReleaseOptions
{
    /// <summary>The time limit of a release phase. Default one hour.</summary>
    public TimeSpan PhaseTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The number of an app's releases to keep in addition to those in use. Default 10.</summary>
    public int History { get; init; } = 10;

    /// <summary>
    /// How long an App may make no progress, measured by dynos that come up, before it counts as stalled. Default ten
    /// minutes.
    /// </summary>
    public TimeSpan ProgressDeadline { get; init; } = TimeSpan.FromMinutes(10);

    internal IEnumerable<string> Validate() =>
    [
        .. OptionChecks.AtLeastOneSecond("releasePhaseTimeout", PhaseTimeout),
        .. OptionChecks.AtLeastOneSecond("progressDeadlineSeconds", ProgressDeadline),
        .. History < 1 ? [$"releaseHistory {History} is too small: keep at least one release."] : Array.Empty<string>(),
    ];
}
