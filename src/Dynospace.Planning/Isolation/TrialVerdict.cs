using Dynospace.Api.Spaces;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Isolation;

/// <summary>What the probe's end says.</summary>
/// <param name="Result">What it shows.</param>
/// <param name="Message">That in words, or why it shows nothing.</param>
internal sealed record TrialVerdict(TrialResult Result, string Message)
{
    private const string Remedy = "install a network plugin that enforces NetworkPolicies, or mend it";

    public static TrialVerdict Of(PodFacts target, PodFacts probe, string foreignPolicies)
    {
        if (probe.Container is not { HasEnded: true, LastTermination: { } end } || probe.Reason is not null)
        {
            return NotHeld($"The probe was ended before it could tell: {probe.Reason ?? probe.Phase.ToString()}.");
        }

        return end.ExitCode switch
        {
            CanaryScripts.EntersAndLeaves => Open("enter and leave pods", foreignPolicies),
            CanaryScripts.EntersTarget => Open("enter pods", foreignPolicies),
            CanaryScripts.LeavesProbe => Open("leave pods", foreignPolicies),
            CanaryScripts.NothingPasses => NotHeld(
                "A connection that the policies allow did not pass, so that nothing follows from those that did not either: "
                + "see whether pods reach each other at all."),
            CanaryScripts.Enforced when IsSound(target) => new(
                TrialResult.Enforced,
                "Between two pods a connection that the policies allow passed; "
                + "one that they forbid to leave a pod and one that they forbid to enter one did not."),
            CanaryScripts.Enforced => NotHeld("The target of the trial ceased to listen before its end."),
            var code => NotHeld($"The probe ended with exit code {code}: see whether the option canaryImage names an image with busybox."),
        };
    }

    /// <summary>Whether it listened all the time: silence of a target that died shows nothing.</summary>
    private static bool IsSound(PodFacts target) => target is { IsReady: true, IsTerminating: false, Container.Restarts: 0 };

    private static TrialVerdict Open(string what, string foreignPolicies) =>
        new(TrialResult.NotEnforced, $"The network lets connections {what} that the policies forbid: {Remedy}.{foreignPolicies}");

    private static TrialVerdict NotHeld(string why) => new(TrialResult.NotVerified, why);
}
