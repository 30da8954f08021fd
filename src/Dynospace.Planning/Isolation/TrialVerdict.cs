using System.Globalization;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Isolation;

// The result of a trial: the verdict on the probe's exit, its record in the status, and the diagnosis of a trial that
// was not held.

/// <summary>The result of the last isolation trial.</summary>
/// <param name="IsEnforced">
/// Whether all allowed connections passed and no forbidden one did; null if no trial could be held.
/// </param>
/// <param name="Message">The observation in words.</param>
public sealed record TrialConclusion(bool? IsEnforced, string Message)
{
    /// <summary>The conclusion of a record; null if no trial was held.</summary>
    public static TrialConclusion? FromRecord(IsolationTrial? record, PlatformOptions options) =>
        TrialRecords.Read(record, options);
}

/// <summary>Writes and reads records of trials.</summary>
internal static class TrialRecords
{
    private const string Off = "Trials are switched off by the operator's option enforcementInterval.";

    public static IsolationTrial Conclude(TrialResult result, string message, string subject, DateTimeOffset now) =>
        new() { TriedAt = ApiTime.WholeSeconds(now), Result = result, Subject = subject, Message = message };

    /// <summary>
    /// The record of a trial that could not be held. It has no result, unless the last trial showed an open network,
    /// which counts until another trial passes.
    /// </summary>
    public static IsolationTrial Obstruct(IsolationTrial? last, string obstacle, string subject, DateTimeOffset now)
    {
        var isOpen = last?.Result == TrialResult.NotEnforced;
        return new()
        {
            TriedAt = ApiTime.WholeSeconds(now),
            Result = isOpen ? TrialResult.NotEnforced : TrialResult.NotVerified,
            Subject = subject,
            Message = isOpen ? last!.Message : null,
            Obstacle = obstacle,
        };
    }

    public static TrialConclusion? Read(IsolationTrial? record, PlatformOptions options) => record switch
    {
        _ when options.Isolation.TrialInterval is null => new(null, Off),
        null => null,
        { Result: TrialResult.Enforced } => new(true, record.Message ?? ""),
        { Result: TrialResult.NotEnforced, Obstacle: { } obstacle } =>
            new(false, $"{record.Message} No trial could be held since: {obstacle}"),
        { Result: TrialResult.NotEnforced } => new(false, record.Message ?? ""),
        _ => new(null, $"No trial could be held: {record.Obstacle}"),
    };
}

/// <summary>The verdict on the probe's exit.</summary>
/// <param name="Result">The result.</param>
/// <param name="Message">The result in words, or why there is none.</param>
internal sealed record TrialVerdict(TrialResult Result, string Message)
{
    private const string Remedy = "install a network plugin that enforces NetworkPolicies, or repair the one you have";

    public static TrialVerdict Read(PodFacts target, PodFacts probe, string foreignPolicies)
    {
        if (probe.Container is not { HasEnded: true, LastTermination: { } end } || probe.Reason is not null)
        {
            return NotHeld($"The probe was stopped before it had an answer: {probe.Reason ?? probe.Phase.ToString()}.");
        }

        var (code, family) = CodeOf(end.ExitCode, target);
        return code switch
        {
            CanaryScripts.EntersAndLeaves => Open($"enter and leave pods{family}", foreignPolicies),
            CanaryScripts.EntersTarget => Open($"enter pods{family}", foreignPolicies),
            CanaryScripts.LeavesProbe => Open($"leave pods{family}", foreignPolicies),
            CanaryScripts.NothingPasses => NotHeld(
                $"A connection{family} that the policies allow did not pass, so blocked connections "
                + "prove nothing: check whether pods can reach each other."),
            CanaryScripts.Enforced when IsSound(target) => new(
                TrialResult.Enforced,
                $"Between two pods a connection{Families(target)} that the policies allow passed; "
                + "one that they forbid to leave a pod and one that they forbid to enter one did not."),
            CanaryScripts.Enforced => NotHeld("The target of the trial stopped listening before the trial ended."),
            _ => NotHeld(
                $"The probe ended with exit code {end.ExitCode}: see whether the option canaryImage names an image "
                + "with busybox."),
        };
    }

    /// <summary>The code for one address, and its family in words; empty if the target has one address.</summary>
    private static (int Code, string Family) CodeOf(int code, PodFacts target)
    {
        if (target.Addresses is not [var first, var second] || code == CanaryScripts.Enforced)
        {
            return (code, "");
        }

        var isSecond = code > CanaryScripts.OfSecondAddress
            && code <= CanaryScripts.OfSecondAddress + CanaryScripts.NothingPasses;
        return isSecond
            ? (code - CanaryScripts.OfSecondAddress, $" over {FamilyOf(second)}")
            : (code, $" over {FamilyOf(first)}");
    }

    private static string Families(PodFacts target) =>
        target.Addresses.Count > 1 ? $" over {string.Join(" and ", target.Addresses.Select(FamilyOf))}" : "";

    private static string FamilyOf(string address) => AddressBlock.IsV6Text(address) ? "IPv6" : "IPv4";

    /// <summary>Whether the target listened all the time. Silence of a dead target shows nothing.</summary>
    private static bool IsSound(PodFacts target) =>
        target is { IsReady: true, IsTerminating: false, Container.Restarts: 0 };

    private static TrialVerdict Open(string what, string foreignPolicies) =>
        new(TrialResult.NotEnforced, $"The network lets connections {what} that the policies forbid: "
            + $"{Remedy}.{foreignPolicies}");

    private static TrialVerdict NotHeld(string why) => new(TrialResult.NotVerified, why);
}

/// <summary>Explains why a trial makes no progress.</summary>
internal static class TrialDiagnosis
{
    public static string Explain(PodFacts pod, PlatformOptions options) => pod switch
    {
        { IsTerminating: true } => $"Pod {pod.Name} does not end.",
        { HasEnded: true } or { Phase: PodPhase.Unknown } =>
            $"Pod {pod.Name} ended too early: {pod.Reason ?? Ended(pod)}.",
        { IsUnschedulable: true } => $"No node takes pod {pod.Name}: {KubeletWords.Shortened(pod.Message)}",
        { Container.WaitingReason: { } reason } when KubeletWords.IsOfImage(reason) =>
            $"The image {options.Isolation.CanaryImage} cannot be pulled: name one that can in the operator's option "
            + "canaryImage.",
        { Container: { WaitingReason: not null, WaitingMessage: var message } } =>
            $"The container of pod {pod.Name} cannot be created: {KubeletWords.Shortened(message)}",
        _ => $"Pod {pod.Name} did not finish in time.",
    };

    private static string Ended(PodFacts pod) =>
        pod.Container?.LastTermination is { } end
            ? string.Create(CultureInfo.InvariantCulture, $"exit code {end.ExitCode}")
            : pod.Phase.ToString();
}
