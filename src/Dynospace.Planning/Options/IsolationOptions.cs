namespace Dynospace.Planning.Options;

/// <summary>The isolation trials, which show whether the network enforces the policies.</summary>
public sealed record IsolationOptions
{
    /// <summary>The shortest <see cref="TrialInterval"/>: a trial takes up to some minutes.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether dynos wait until a trial showed that the network enforces the policies. Default false.
    /// </summary>
    public bool IsProofRequired { get; init; }

    /// <summary>
    /// How often each space has a trial; null for never. Sooner after a change of policies, nodes or the network's
    /// agents. Default 15 minutes.
    /// </summary>
    public TimeSpan? TrialInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// What the canaries of a trial run: any image with a <c>busybox</c> that has sh, httpd, timeout and wget.
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
