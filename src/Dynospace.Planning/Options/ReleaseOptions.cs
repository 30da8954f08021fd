namespace Dynospace.Planning.Options;

/// <summary>How releases are made and kept.</summary>
public sealed record ReleaseOptions
{
    /// <summary>The longest that a release phase may run. Default one hour.</summary>
    public TimeSpan PhaseTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many releases of an app are kept besides those in use. Default 10.</summary>
    public int History { get; init; } = 10;

    /// <summary>
    /// After how long without another dyno up an App that is not up counts as stalled. Default ten minutes.
    /// </summary>
    public TimeSpan ProgressDeadline { get; init; } = TimeSpan.FromMinutes(10);

    internal IEnumerable<string> Validate() =>
    [
        .. OptionChecks.AtLeastOneSecond("releasePhaseTimeout", PhaseTimeout),
        .. OptionChecks.AtLeastOneSecond("progressDeadlineSeconds", ProgressDeadline),
        .. History < 1 ? [$"releaseHistory {History} is too small: keep at least one release."] : Array.Empty<string>(),
    ];
}
