using System.Net;
using Dynospace.Api;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Sizes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Client;

/// <summary>The sizes of dynos that a space's cluster has.</summary>
public static class ClusterSizes
{
    /// <summary>Those that the space's policy states; the platform's where it cannot be read.</summary>
    public static async Task<DynoSizeTable> ReadAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            var policy = JsonObjects.To<V1NetworkPolicy>(
                await session.Transport.GetAsync(
                    ClientKinds.NetworkPolicy,
                    new ObjectKey(session.Space, PolicyNames.DefaultDeny),
                    cancellationToken));
            return DynoSizeTable.FromText(
                policy.Metadata.Annotations is { } annotations
                && annotations.TryGetValue(Annotations.DynoSizes, out var sizes) ? sizes : null);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Forbidden)
        {
            return DynoSizeTable.Platform;
        }
    }

    /// <summary>The API's spelling of a size, which users may write in any case.</summary>
    /// <exception cref="CliException">There is no such size; the message lists those that there are.</exception>
    public static async Task<string> SpelledAsync(
        Session session, string text, CancellationToken cancellationToken)
    {
        var sizes = (await ReadAsync(session, cancellationToken)).All.Select(size => size.Name).ToList();
        return sizes.FirstOrDefault(size => size.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException($"no size \"{text}\"; {Names.ThereAre(text, sizes)}");
    }

    /// <summary>For a shell that completes.</summary>
    public static async Task<IEnumerable<string>> NamesAsync(Session session, CancellationToken cancellationToken) =>
        (await ReadAsync(session, cancellationToken)).All.Select(size => size.Name);
}
