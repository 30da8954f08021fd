using System.Net;

namespace Dynospace.Router.Cluster;

/// <summary>A pod that is ready, and its address.</summary>
internal sealed record SliceEndpoint(string Pod, IPAddress Address);
