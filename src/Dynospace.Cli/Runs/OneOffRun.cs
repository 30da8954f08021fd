// Runs: runs a command in a one-off dyno and connects it to this terminal.

using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Cli.Client;
using Dynospace.Cli.Logs;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Runs;

/// <summary>
/// Follows a one-off from its creation to its end: says what it waits for, passes output and input on, and returns its
/// exit code. The run is removed when the client stops; one that was recorded and has ended stays for its time, so that
/// its record can be read.
/// </summary>
public sealed class OneOffRun(
    Session session, IPodLogs logs, IPodAttachments attachments, CliEnvironment environment, RunRequest request)
{
    private const int Interrupted = 130;
    private const int WithoutCode = 1;

    /// <summary>The time to remove a run after the client was asked to stop.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private bool _isRecorded;
    private bool _hasEnded;

    /// <param name="dyno">The Dyno as it was created.</param>
    public async Task<int> AttendAsync(Dyno dyno, CancellationToken cancellationToken)
    {
        try
        {
            var code = await FollowAsync(dyno, cancellationToken);
            _hasEnded = true;
            return code;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Interrupted;
        }
        finally
        {
            if (!_isRecorded || !_hasEnded)
            {
                await RemoveAsync(dyno);
            }
        }
    }

    private async Task<int> FollowAsync(Dyno created, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<bool>? passing = null;
        LogReader? reader = null;
        try
        {
            await foreach (var news in new ClusterFollower(session.Transport, environment.Clock)
                .FollowAsync<Dyno>(ClientKinds.Dyno, session.Space, null, ending.Token))
            {
                var dyno = (news.All ?? [news.Object!])
                    .FirstOrDefault(found => found.Metadata.Uid == created.Metadata.Uid);
                if (dyno is null && news.All is null)
                {
                    continue;
                }

                if (dyno is null || news.Type == WatchEventType.Deleted)
                {
                    throw new CliException($"dyno {created.Metadata.Name} was deleted before it ended.");
                }

                var hasEnded = dyno.Status?.State is DynoState.Complete or DynoState.Failed;
                if (dyno.Status?.State == DynoState.Pending
                    && UpOf(dyno) is { } refusal && Reason.FromName(refusal.Reason).Nature == ReasonNature.Stalling)
                {
                    throw new CliException($"{refusal.Reason}: {refusal.Message}");
                }

                await SayWhyAsync(dyno, hasEnded);
                if (dyno.Status is { State: DynoState.Up or DynoState.Complete or DynoState.Failed, Pod: { } pod })
                {
                    var state = new LogPod(pod, pod, DynoNames.Display(dyno), LogSources.App)
                    {
                        HasStarted = true,
                        HasEnded = hasEnded,
                    };
                    reader ??= new LogReader(logs);
                    passing ??= hasEnded
                        ? Task.FromResult(false)
                        : PassAsync(state, reader, cancellationToken);
                    if (hasEnded)
                    {
                        return await EndAsync(dyno, state, reader, passing, cancellationToken);
                    }
                }
                else if (hasEnded)
                {
                    return CodeOf(dyno);
                }
            }

            throw new CliException($"the end of dyno {created.Metadata.Name} was not seen.");
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    /// <summary>Output comes from the log, which is complete, unless a terminal is lent.</summary>
    /// <returns>Whether the terminal has shown all output.</returns>
    private async Task<bool> PassAsync(LogPod pod, LogReader reader, CancellationToken cancellationToken)
    {
        if (request.HasTerminal
            && await TryAttachAsync(() => attachments.LendTerminalAsync(pod.Name, cancellationToken)))
        {
            return true;
        }

        var input = request is { HasInput: true, HasTerminal: false }
            ? TryAttachAsync(() => attachments.SendAsync(pod.Name, environment.In(), cancellationToken))
            : Task.FromResult(true);
        await ReadAsync(pod, reader, cancellationToken);
        _ = input;
        return false;
    }

    private async Task<bool> TryAttachAsync(Func<Task> attach)
    {
        try
        {
            await attach();
            return true;
        }
        catch (AttachmentException e)
        {
            if (e.IsTooLate)
            {
                return false;
            }

            await environment.Error.WriteLineAsync(
                $"dynospace: {e.Message} Its output follows; no input is passed on.");
            return false;
        }
    }

    private async Task ReadAsync(LogPod pod, LogReader reader, CancellationToken cancellationToken)
    {
        try
        {
            await reader.FollowAsync(pod, Show, cancellationToken);
        }
        catch (Exception e) when (ClusterFollower.IsPassing(e))
        {
            // Missing lines are read at the end.
            await Task.Delay(Pause, environment.Clock, cancellationToken);
        }
    }

    private async Task<int> EndAsync(
        Dyno dyno, LogPod pod, LogReader reader, Task<bool> passing, CancellationToken cancellationToken)
    {
        if (!await passing)
        {
            await reader.FollowAsync(pod, Show, cancellationToken);
        }

        return CodeOf(dyno);
    }

    private void Show(LogLine line)
    {
        environment.Out.WriteLine(line.Text);
        environment.Out.Flush();
    }

    private int CodeOf(Dyno dyno)
    {
        if (dyno.Status?.ExitCode is { } code)
        {
            return code;
        }

        var up = UpOf(dyno);
        environment.Error.WriteLine($"dynospace: {up?.Reason}: {up?.Message}");
        return dyno.Status?.State == DynoState.Complete ? 0 : WithoutCode;
    }

    /// <summary>Says its name, and why it does not start, each reason once.</summary>
    private async Task SayWhyAsync(Dyno dyno, bool hasEnded)
    {
        if (dyno.Status?.Index is not null || dyno.Spec.Index > 0)
        {
            await SayAsync($"running {string.Join(' ', request.Command)} as {DynoNames.Display(dyno)}");
        }

        if (dyno.Status?.Pod is { } pod && RunPodName.IsRecorded(pod))
        {
            _isRecorded = true;
            var log = $"dynospace logs -a {dyno.Spec.App} -d {DynoNames.Display(dyno)} -s recorder";
            await SayAsync($"what is typed is recorded: {log}");
        }

        if (!hasEnded
            && UpOf(dyno) is { Status: not "True" } up
            && up.Reason is not (nameof(Reasons.Starting) or nameof(Reasons.Deleting)))
        {
            await SayAsync($"waiting: {up.Reason}: {up.Message}");
        }
    }

    private async Task SayAsync(string text)
    {
        if (_said.Add(text))
        {
            await environment.Error.WriteLineAsync(text);
        }
    }

    private async Task RemoveAsync(Dyno dyno)
    {
        using var patience = new CancellationTokenSource(Farewell, environment.Clock);
        try
        {
            await session.Transport.DeleteAsync(
                ClientKinds.Dyno,
                new ObjectKey(session.Space, dyno.Metadata.Name),
                new DeleteQuery { Uid = dyno.Metadata.Uid },
                patience.Token);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == System.Net.HttpStatusCode.Conflict)
        {
            // Another client has deleted it.
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or TimeoutException
            or OperationCanceledException)
        {
            await environment.Error.WriteLineAsync(
                $"dynospace: dyno {dyno.Metadata.Name} could not be removed: "
                + $"use kubectl delete dyno {dyno.Metadata.Name} -n {session.Space}.");
        }
    }

    private static k8s.Models.V1Condition? UpOf(Dyno dyno) =>
        Conditions.Find(dyno.Status?.Conditions, ConditionTypes.Up);
}
