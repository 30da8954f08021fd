using Dynospace.Runtime;

namespace Dynospace.Router.Cluster;

/// <summary>What a router wants to know of the cluster.</summary>
/// <param name="Scope">What it serves.</param>
/// <param name="Port"><c>$PORT</c>: no other port of a dyno is ever called.</param>
/// <param name="DefaultCertificate">The Secret of the certificate for hosts that have no other.</param>
internal sealed record ClusterWatchOptions(RouterScope Scope, int Port, ObjectKey? DefaultCertificate);
