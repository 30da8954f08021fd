using Dynospace.Api;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Sizes;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Client;

/// <summary>The sizes of dynos that a space's cluster has.</summary>
public static class ClusterSizes
{
    /// <summary>The sizes that the space's policy states; the platform's if it cannot be read.</summary>
    public static async Task<DynoSizeTable> ReadAsync(Session session, CancellationToken cancellationToken)
    {
        var policy = await session.FindAsync<V1NetworkPolicy>(
            ClientKinds.NetworkPolicy, new ObjectKey(session.Space, PolicyNames.DefaultDeny), cancellationToken);
        return DynoSizeTable.FromText(policy?.GetAnnotation(Annotations.DynoSizes));
    }

    /// <summary>The API's spelling of a size, which users may write in any case.</summary>
    /// <exception cref="CliException">There is no such size; the message lists those that exist.</exception>
    public static string Spelled(DynoSizeTable sizes, string text)
    {
        var names = sizes.All.Select(size => size.Name).ToList();
        return names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException($"no size \"{text}\"; {Names.ThereAre(text, names)}");
    }

    /// <summary>For a shell that completes.</summary>
    public static async Task<IEnumerable<string>> NamesAsync(Session session, CancellationToken cancellationToken) =>
        (await ReadAsync(session, cancellationToken)).All.Select(size => size.Name);
}
