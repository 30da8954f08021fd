using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>
/// Follows the cluster by one watch for each kind, so that tests await what happens instead of asking again and again,
/// and can look back at the order in which it happened.
/// </summary>
internal sealed class ClusterView : IAsyncDisposable
{
    private readonly ApiClient _api;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<SeenChange> _history = [];
    private readonly List<Task> _watches = [];
    private ClusterState _state = ClusterState.Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ClusterView(ApiClient api, TimeSpan patience) => (_api, _patience) = (api, patience);

    public ClusterState Now
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Starts the watches; all that exists is known when it returns.</summary>
    public static async Task<ClusterView> StartAsync(
        ApiClient api, TimeSpan patience, CancellationToken cancellationToken)
    {
        var view = new ClusterView(api, patience);
        foreach (var kind in Kinds.Watched)
        {
            var version = await view.ListAsync(kind, cancellationToken);
            view._watches.Add(
                Task.Run(() => view.FollowAsync(kind, version, view._stop.Token), CancellationToken.None));
        }

        return view;
    }

    /// <summary>Follows a further kind, from when it is served.</summary>
    public async Task FollowAsync(ResourceKind kind, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        var path = kind.CollectionPath(null);
        while ((await _api.SendAsync(
            HttpMethod.Get,
            path,
            null,
            ApiClient.Json,
            ApiClient.Json,
            patience.Token)).Code == HttpStatusCode.NotFound)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }

        Forget(kind);
        var version = await ListAsync(kind, patience.Token);
        _watches.Add(Task.Run(() => FollowAsync(kind, version, _stop.Token), CancellationToken.None));
    }

    /// <summary>All changes of a space and of what is in it, in the order of the store.</summary>
    public IReadOnlyList<SeenChange> HistoryOf(string space)
    {
        lock (_gate)
        {
            return
            [
                .. _history.Where(change => change.Object.Namespace == space
                    || (change.Object.Namespace is null && change.Object.Name == space))
                        .OrderBy(change => change.Object.Version),
            ];
        }
    }

    /// <summary>Waits until something can be seen.</summary>
    /// <param name="awaited">It, for the message when it never comes.</param>
    /// <param name="space">The space to describe then.</param>
    public async Task<T> UntilAsync<T>(
        string awaited, string space, Func<ClusterState, T?> look, CancellationToken cancellationToken)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        while (true)
        {
            Task changed;
            ClusterState state;
            lock (_gate)
            {
                (state, changed) = (_state, _changed.Task);
            }

            if (look(state) is { } found)
            {
                return found;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"Not within {_patience.TotalSeconds:0} seconds: {awaited}\n{Now.Describe(space)}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_watches).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task<string> ListAsync(ResourceKind kind, CancellationToken cancellationToken)
    {
        var answer =
            await _api.SendAsync(
                HttpMethod.Get, kind.CollectionPath(null), null, ApiClient.Json, ApiClient.Json, cancellationToken);
        var list = answer.Require();
        foreach (var item in list["items"]!.AsArray())
        {
            Record(ChangeType.Added, kind, item!.AsObject());
        }

        return (string)list["metadata"]!["resourceVersion"]!;
    }

    private async Task FollowAsync(ResourceKind kind, string version, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var line in _api.WatchAsync(kind, version, cancellationToken))
                {
                    var found = line["object"]!.AsObject();
                    if ((string)line["type"]! is not ("BOOKMARK" or "ERROR"))
                    {
                        Record(Enum.Parse<ChangeType>((string)line["type"]!, ignoreCase: true), kind, found);
                    }

                    version = (string?)found["metadata"]?["resourceVersion"] ?? version;
                }
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // The kind itself is gone.
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException
                && !cancellationToken.IsCancellationRequested)
            {
                // The server closed the stream; the next one goes on from the last version.
            }
        }
    }

    /// <summary>What was seen of a kind before it went.</summary>
    private void Forget(ResourceKind kind)
    {
        foreach (var seen in Now.All(kind))
        {
            Record(ChangeType.Deleted, kind, seen.Content);
        }
    }

    private void Record(ChangeType type, ResourceKind kind, JsonObject content)
    {
        var change = new SeenChange(type, new SeenObject(kind, content));
        TaskCompletionSource changed;
        lock (_gate)
        {
            _history.Add(change);
            _state = _state.With(change);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
