using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Cli.Client;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Logs;

/// <summary>The part of a container's log to read.</summary>
public sealed record LogQuery
{
    /// <summary>Whether the stream stays open while the container runs.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether to read the log of the container's previous run.</summary>
    public bool Previous { get; init; }

    /// <summary>The number of last lines; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>The time to read from; null for the beginning.</summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>Reads the logs of pods; tests replace it.</summary>
public interface IPodLogs
{
    /// <summary>Opens a log whose lines begin with their times.</summary>
    Task<Stream> OpenAsync(LogPod pod, LogQuery query, CancellationToken cancellationToken);
}

/// <summary>What log reading needs of a dyno's pod, or of the recorder beside it.</summary>
/// <param name="Uid">Of the pod, and of a container other than the dyno's.</param>
public sealed record LogPod(string Name, string Uid, string Dyno, string Source)
{
    /// <summary>The container.</summary>
    public string Container { get; init; } = ContainerNames.Dyno;

    /// <summary>The number of restarts of its process.</summary>
    public int Restarts { get; init; }

    /// <summary>Whether its process has run, so that there is a log.</summary>
    public bool HasStarted { get; init; }

    /// <summary>Whether no more lines will be written.</summary>
    public bool HasEnded { get; init; }

    /// <summary>
    /// The log of a pod's dyno, and that of its recorder where it has one; none of a pod that is not a dyno of the app.
    /// </summary>
    public static IEnumerable<LogPod> AllFromPod(V1Pod pod, string app)
    {
        if (FromPod(pod, app) is not { } dyno)
        {
            yield break;
        }

        yield return dyno;
        if (RunPodName.IsRecorded(dyno.Name))
        {
            var recorder = pod.Status?.InitContainerStatuses?
                .FirstOrDefault(status => status.Name == ContainerNames.Recorder);
            yield return dyno.At(recorder) with
            {
                Uid = $"{dyno.Uid}/{ContainerNames.Recorder}",
                Container = ContainerNames.Recorder,
                Source = LogSources.Recorder,
            };
        }
    }

    /// <summary>Null for a pod that is not a dyno of the app.</summary>
    public static LogPod? FromPod(V1Pod pod, string app)
    {
        var labels = pod.Metadata.Labels ?? new Dictionary<string, string>();
        if (!labels.TryGetValue(Labels.App, out var of) || of != app
            || !labels.TryGetValue(Labels.Dyno, out var dyno)
            || !labels.TryGetValue(Labels.ProcessType, out var type))
        {
            return null;
        }

        var container = pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == ContainerNames.Dyno);
        var log = new LogPod(
            pod.Metadata.Name,
            pod.Metadata.Uid,
            NameOf(pod.Metadata.Name, type)
                ?? DynoNames.Short(app, dyno),
            type == ProcessTypes.Release ? LogSources.Release : LogSources.App)
        {
            HasEnded = pod.Status?.Phase is "Succeeded" or "Failed",
        };
        return log.At(container);
    }

    private LogPod At(V1ContainerStatus? container) => this with
    {
        Restarts = container?.RestartCount ?? 0,
        HasStarted = container is { State.Running: not null } or { State.Terminated: not null }
            or { LastState.Terminated: not null },
    };

    /// <summary>The number of a run stands in its pod's name; null for other dynos.</summary>
    private static string? NameOf(string pod, string type) =>
        type == ProcessTypes.Run && RunPodName.NumberOf(pod) is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"{type}.{number}")
            : null;
}

/// <summary>Where lines come from.</summary>
internal static class LogSources
{
    public const string App = "app";
    public const string Release = "release";
    public const string Router = "router";

    /// <summary>What was typed into runs of Shield spaces.</summary>
    public const string Recorder = "recorder";
}

/// <summary>Reads logs from the API server.</summary>
public sealed class PodLogs(Session session) : IPodLogs
{
    public Task<Stream> OpenAsync(LogPod pod, LogQuery query, CancellationToken cancellationToken)
    {
        var parameters = new Dictionary<string, string> { ["container"] = pod.Container, ["timestamps"] = "true" };
        if (query.Follow)
        {
            parameters["follow"] = "true";
        }

        if (query.Previous)
        {
            parameters["previous"] = "true";
        }

        if (query.Tail is { } tail)
        {
            parameters["tailLines"] = tail.ToString(CultureInfo.InvariantCulture);
        }

        if (query.Since is { } since)
        {
            parameters["sinceTime"] = since.UtcDateTime.ToString(
                "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return session.Transport.OpenTextAsync(
            ClientKinds.Pod, new ObjectKey(session.Space, pod.Name), "log", parameters, cancellationToken);
    }
}
