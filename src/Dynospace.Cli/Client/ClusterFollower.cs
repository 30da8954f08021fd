using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Client;

/// <summary>What a follower sees: all objects, at its beginning and after a gap, or one change.</summary>
/// <param name="All">All objects; null for a change.</param>
/// <param name="Type">What happened.</param>
/// <param name="Object">The changed object; null with <paramref name="All"/>.</param>
public sealed record ClusterNews<T>(IReadOnlyList<T>? All, WatchEventType Type, T? Object)
    where T : class;

/// <summary>Lists a collection and then follows its changes, for as long as it is enumerated.</summary>
public sealed class ClusterFollower(IApiTransport transport, TimeProvider clock)
{
    /// <summary>Before another try after a lost connection.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A watch is ended and renewed, since a dead connection would otherwise stay unnoticed.</summary>
    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(4);

    /// <summary>
    /// What is refused, and a first list that fails, end the enumeration. Later, a lost connection and an API server
    /// that fails or is overloaded are waited for.
    /// </summary>
    public async IAsyncEnumerable<ClusterNews<T>> FollowAsync<T>(
        ResourceKind kind, string? space, string? labels, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var (all, version) = await ListAsync<T>(kind, space, labels, cancellationToken);
        yield return new(all, WatchEventType.Added, null);
        var isForgotten = false;
        while (true)
        {
            if (isForgotten)
            {
                (all, version) = await ListAgainAsync<T>(kind, space, labels, cancellationToken);
                isForgotten = false;
                yield return new(all, WatchEventType.Added, null);
            }

            var query = new WatchQuery
            {
                Namespace = space,
                LabelSelector = labels,
                ResourceVersion = version,
                Timeout = WatchTime,
            };
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
                    isForgotten = true;
                    break;
                }
                catch (Exception e) when (IsPassing(e))
                {
                    await Task.Delay(Pause, clock, cancellationToken);
                    break;
                }

                version = VersionOf(events.Current.Object) ?? version;
                if (events.Current.Type != WatchEventType.Bookmark)
                {
                    yield return new(null, events.Current.Type, ClientJson.To<T>(events.Current.Object));
                }
            }
        }
    }

    /// <summary>Whether a request may succeed when it is repeated, since the connection or the server failed.</summary>
    public static bool IsPassing(Exception exception) => exception is IOException or HttpRequestException
        or TimeoutException
        or ApiException { Code: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests };

    private async Task<(List<T> All, string Version)> ListAgainAsync<T>(
        ResourceKind kind, string? space, string? labels, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            try
            {
                return await ListAsync<T>(kind, space, labels, cancellationToken);
            }
            catch (Exception e) when (IsPassing(e))
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private async Task<(List<T> All, string Version)> ListAsync<T>(
        ResourceKind kind, string? space, string? labels, CancellationToken cancellationToken)
        where T : class
    {
        using var page = await transport.ListAsync(
            kind, new ListQuery { Namespace = space, LabelSelector = labels }, cancellationToken);
        return ([.. page.Items.Select(ClientJson.To<T>)], page.ResourceVersion);
    }

    private static string? VersionOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("metadata", out var metadata)
        && metadata.TryGetProperty("resourceVersion", out var version)
            ? version.GetString()
            : null;
}
