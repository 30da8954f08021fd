using System.Runtime.CompilerServices;
using System.Text.Json;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Client;

/// <summary>What a follower sees: everything, at its beginning and after a gap, or one change.</summary>
/// <param name="All">Everything that there is; null for a change.</param>
/// <param name="Type">What happened.</param>
/// <param name="Object">To which object; null with <paramref name="All"/>.</param>
internal sealed record ClusterNews<T>(IReadOnlyList<T>? All, WatchEventType Type, T? Object)
    where T : class;

/// <summary>Lists a collection and then follows its changes, for as long as it is enumerated.</summary>
internal sealed class ClusterFollower(IApiTransport transport, TimeProvider clock)
{
    /// <summary>Of a server or network that is away for a moment.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A watch without an end is one of which nobody learns that its connection is dead.</summary>
    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Refusals of the first list are the caller's; afterwards a connection that is lost is made again, and only a
    /// refusal ends the enumeration.
    /// </summary>
    public async IAsyncEnumerable<ClusterNews<T>> FollowAsync<T>(
        ResourceKind kind, string? space, string? labels, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var (all, version) = await ListAsync<T>(kind, space, labels, cancellationToken);
        yield return new(all, WatchEventType.Added, null);
        while (true)
        {
            var query = new WatchQuery
            {
                Namespace = space,
                LabelSelector = labels,
                ResourceVersion = version,
                Timeout = WatchTime,
            };
            var isGone = false;
            await using var events = transport.WatchAsync(kind, query, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (Exception e) when (e is UndecodableEventException or ApiException { IsGone: true })
                {
                    isGone = true;
                    break;
                }
                catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
                {
                    await Task.Delay(Pause, clock, cancellationToken);
                    break;
                }

                version = VersionOf(events.Current.Object) ?? version;
                if (events.Current.Type != WatchEventType.Bookmark)
                {
                    yield return new(null, events.Current.Type, JsonObjects.To<T>(events.Current.Object));
                }
            }

            if (isGone)
            {
                (all, version) = await ListAsync<T>(kind, space, labels, cancellationToken);
                yield return new(all, WatchEventType.Added, null);
            }
        }
    }

    private async Task<(List<T> All, string Version)> ListAsync<T>(
        ResourceKind kind, string? space, string? labels, CancellationToken cancellationToken)
        where T : class
    {
        using var page = await transport.ListAsync(
            kind, new ListQuery { Namespace = space, LabelSelector = labels }, cancellationToken);
        return ([.. page.Items.Select(JsonObjects.To<T>)], page.ResourceVersion);
    }

    private static string? VersionOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("metadata", out var metadata)
        && metadata.TryGetProperty("resourceVersion", out var version)
            ? version.GetString()
            : null;
}
