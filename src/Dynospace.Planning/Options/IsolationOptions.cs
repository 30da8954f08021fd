namespace Dynospace.Planning.Options;

/// <summary>The isolation trials, which show whether the network enforces the policies.</summary>
public sealed record IsolationOptions
{
    /// <summary>The shortest <see cref="TrialInterval"/>, since a trial takes up to some minutes.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether dynos wait until a trial has shown that the network enforces the policies. Default false.
    /// </summary>
    public bool IsProofRequired { get; init; }

    /// <summary>
    /// The interval of each space's trials; null for never. A change of policies, nodes or the network's agents starts
    /// a trial earlier. Default 15 minutes.
    /// </summary>
    public TimeSpan? TrialInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The image of a trial's canaries: any with a <c>busybox</c> that has sh, httpd, timeout and wget.
    /// </summary>
    public string CanaryImage { get; init; } = "registry.k8s.io/e2e-test-images/busybox:1.36.1-1";

    internal IEnumerable<string> Validate()
    {
        foreach (var mistake in OptionChecks.NotEmpty("canaryImage", CanaryImage))
        {
            yield return mistake;
        }

        if (TrialInterval < ShortestInterval)
        {
            yield return
                $"enforcementInterval {TrialInterval} is too short: use at least {ShortestInterval}, or never.";
        }

        if (TrialInterval is null && IsProofRequired)
        {
            yield return "requireEnforcement without trials would stop every dyno: give enforcementInterval a time.";
        }
    }
}
