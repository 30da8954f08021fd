using System.Net;

namespace Dynospace.Router.Routing;

/// <summary>Where a web dyno listens. Two with equal values are one dyno: its connections outlive a new snapshot.</summary>
/// <param name="Dyno">As in the log line, <c>web.1</c>.</param>
/// <param name="PodName">The pod, so that a replaced dyno is another one even on the same address.</param>
/// <param name="Address">The pod's address and <c>$PORT</c>.</param>
public sealed record DynoEndpoint(string Dyno, string PodName, IPEndPoint Address);
