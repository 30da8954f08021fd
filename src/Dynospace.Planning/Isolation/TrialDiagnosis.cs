using System.Globalization;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Isolation;

/// <summary>Says why a trial does not get on.</summary>
internal static class TrialDiagnosis
{
    public static string Of(PodFacts pod, PlatformOptions options) => pod switch
    {
        { IsTerminating: true } => $"Pod {pod.Name} does not end.",
        { HasEnded: true } or { Phase: PodPhase.Unknown } => $"Pod {pod.Name} ended too early: {pod.Reason ?? Ended(pod)}.",
        { IsUnschedulable: true } => $"No node takes pod {pod.Name}: {KubeletWords.Shortened(pod.Message)}",
        { Container.WaitingReason: { } reason } when KubeletWords.IsOfImage(reason) =>
            $"The image {options.Isolation.CanaryImage} cannot be pulled: name one that can in the operator's option canaryImage.",
        { Container: { WaitingReason: not null, WaitingMessage: var message } } =>
            $"The container of pod {pod.Name} cannot be made: {KubeletWords.Shortened(message)}",
        _ => $"Pod {pod.Name} was not done in time.",
    };

    private static string Ended(PodFacts pod) =>
        pod.Container?.LastTermination is { } end
            ? string.Create(CultureInfo.InvariantCulture, $"exit code {end.ExitCode}")
            : pod.Phase.ToString();
}
