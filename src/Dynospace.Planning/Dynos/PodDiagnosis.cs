using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// Describes the state of a pod in the platform's terms. Messages contain nothing that changes over time, such as the
/// kubelet's growing delays, since each change would be a write.
/// </summary>
internal static class PodDiagnosis
{
    private const int LastLines = 5;

    private const int LongestLine = 120;

    /// <summary>Exit codes of a process that the kubelet ended with SIGKILL or SIGTERM.</summary>
    private static readonly int[] KilledExitCodes = [137, 143];

    public static DynoVerdict OfOneOff(PodFacts pod) => pod.Phase switch
    {
        PodPhase.Succeeded => Completed(),
        PodPhase.Failed => new(DynoState.Failed, FailureReason(pod), FailureMessage(pod)),
        PodPhase.Unknown =>
            new(DynoState.Failed, Reasons.PodLost, "The node of the pod was lost before the process ended."),
        _ => pod.IsTerminating
            ? new(DynoState.Stopping, Reasons.Deleting, "The pod is being stopped.")
            : pod.Container is { HasEnded: true } ? OfEnded(pod) : OfRunning(pod, bootLimit: null, proving: null),
    };

    /// <summary>
    /// The kubelet reports the end of the process shortly before the pod's phase changes. A one-off is not restarted.
    /// </summary>
    private static DynoVerdict OfEnded(PodFacts pod) => pod.Container?.LastTermination is { ExitCode: 0 }
        ? Completed()
        : new(DynoState.Failed, FailureReason(pod), FailureMessage(pod));

    private static DynoVerdict Completed() =>
        new(DynoState.Complete, Reasons.Completed, "The process ended with exit code 0.");

    public static DynoVerdict OfFormation(PodFacts pod, string processType, DynoOptions options, DateTimeOffset now) =>
        OfRunning(
            pod,
            options.BootTimeout,
            UntilProven(pod, processType, options, now) is null ? null : options.MinimumUpTime);

    /// <summary>
    /// How much longer the process must run to count as up; null if it does, or does not run. A web process proves that
    /// it works by binding its port, any other only by running.
    /// </summary>
    public static TimeSpan? UntilProven(PodFacts pod, string processType, DynoOptions options, DateTimeOffset now) =>
        processType != ProcessTypes.Web
        && pod is { IsReady: true, Container: { IsRunning: true, StartedAt: { } started } }
        && started + options.MinimumUpTime - now is var remaining && remaining > TimeSpan.Zero
            ? remaining
            : null;

    /// <param name="bootLimit">How long a process may take to bind its port; null if it binds none.</param>
    /// <param name="proving">How long a process must run to count as up; null if this one already has.</param>
    private static DynoVerdict OfRunning(PodFacts pod, TimeSpan? bootLimit, TimeSpan? proving)
    {
        if (pod.IsUnschedulable)
        {
            return new(
                DynoState.Starting,
                Reasons.Unschedulable,
                $"No node takes the pod: {KubeletWords.Shortened(pod.Message)}");
        }

        if (pod.WithoutImage is { } init)
        {
            return new(
                DynoState.Starting,
                Reasons.ImagePullFailed,
                $"The image of the platform's container {init} cannot be pulled: the platform team checks the "
                + $"operator's option {(init == ContainerNames.Gate ? "egressGateImage" : "recorderImage")}.");
        }

        return pod.Container switch
        {
            { WaitingReason: { } reason } when KubeletWords.IsOfImage(reason) => new(
                DynoState.Starting,
                Reasons.ImagePullFailed,
                "The image cannot be pulled: check spec.image and spec.imagePullSecrets of the App."),
            { WaitingReason: { } reason, WaitingMessage: var message } when KubeletWords.IsOfConfig(reason) =>
                new(DynoState.Starting, Reasons.ContainerConfigError, "The container cannot be created: "
                    + $"{KubeletWords.Shortened(message)}"),
            { HasEnded: true } or { WaitingReason: "CrashLoopBackOff" } => Crashed(pod, pod.Container, bootLimit),
            { IsRunning: true } when pod.IsReady && proving is { } time => new(
                DynoState.Starting,
                Reasons.Starting,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The process runs, and counts as up after {time.TotalSeconds:0} seconds.")),
            { IsRunning: true } when pod.IsReady => new(DynoState.Up, Reasons.Up, "The process runs."),
            _ when pod.GateMessage is { } gate => AtGate(pod, gate),
            _ => Starting(),
        };
    }

    private static DynoVerdict AtGate(PodFacts pod, string message) => new(
        DynoState.Starting,
        Reasons.Starting,
        $"The gate waits until packets leave from {pod.OutboundIPs}"
        + (message.Length > 0 ? $": {KubeletWords.Shortened(message)}" : "."));

    private static DynoVerdict Starting() => new(DynoState.Starting, Reasons.Starting, "The pod is not ready yet.");

    private static DynoVerdict Crashed(PodFacts pod, ContainerFacts container, TimeSpan? bootLimit)
    {
        var last = container.LastTermination;
        if (last?.Reason == "OOMKilled")
        {
            return new(
                DynoState.Crashed,
                Reasons.MemoryQuotaExceeded,
                "The process used more memory than its size gives (R14): choose a larger size, or use less.");
        }

        return bootLimit is { } limit && !container.IsStarted && WasKilledAfter(limit, last)
            ? new(
                DynoState.Crashed,
                Reasons.BootTimeout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The process did not bind $PORT within {limit.TotalSeconds:0} seconds (R10)."))
            : new(
                DynoState.Crashed,
                Reasons.Crashed,
                $"The process {Ended(last)} and is started again (H10): {SeeLog(pod)}.");
    }

    private static bool WasKilledAfter(TimeSpan limit, TerminationFacts? last) =>
        last is { RunTime: { } runTime } && runTime >= limit && KilledExitCodes.Contains(last.ExitCode);

    private static Reason FailureReason(PodFacts pod) =>
        (pod.Container?.LastTermination?.Reason, pod.Reason) switch
        {
            ("OOMKilled", _) => Reasons.MemoryQuotaExceeded,
            (_, null) => Reasons.Failed,
            _ => Reasons.PodLost,
        };

    private static string FailureMessage(PodFacts pod) =>
        pod.Reason is { } reason
            ? $"The pod ended before its process did: {reason}."
            : $"The process {Ended(pod.Container?.LastTermination)}: {SeeLog(pod)}.{LastWords(pod)}";

    private static string SeeLog(PodFacts pod) =>
        pod.Dyno is { } dyno ? $"see {LogCommand.ForDyno(pod.Namespace, dyno)}" : "see its log";

    /// <summary>The last lines of a release phase's log, which the kubelet puts into the termination message.</summary>
    private static string LastWords(PodFacts pod)
    {
        var lines = (pod.Container?.LastTermination?.LastWords ?? "")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0
            ? ""
            : $" Its last lines: {string.Join(" | ", lines.TakeLast(LastLines).Select(KeepShort))}";

        static string KeepShort(string line) => line.Length <= LongestLine ? line : $"{line[..LongestLine]}…";
    }

    private static string Ended(TerminationFacts? last) =>
        last is null ? "ended" : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {last.ExitCode}");
}

/// <summary>The state of a dyno, with its reason.</summary>
internal sealed record DynoVerdict(DynoState State, Reason Reason, string Message);
