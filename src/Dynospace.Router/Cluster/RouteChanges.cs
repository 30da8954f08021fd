using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>What has changed since the last snapshot.</summary>
/// <param name="Spaces">Something of a space.</param>
/// <param name="Hosts">What some app is granted, or which apps there are.</param>
/// <param name="Certificates">Which Secrets an app names.</param>
/// <param name="Apps">Apps whose route may differ.</param>
internal sealed record RouteChanges(bool Spaces, bool Hosts, bool Certificates, IReadOnlyCollection<ObjectKey> Apps)
{
    public static RouteChanges Everything { get; } = new(true, true, true, []);
}
