using System.Net;

namespace Dynospace.Router.ProxyProtocol;

/// <summary>What a PROXY header says.</summary>
/// <param name="Client">Whose connection the proxy passes on; null when the connection is the proxy's own, or it does not know whose.</param>
/// <param name="Length">How many bytes the header is long; what follows is the client's.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Client, int Length);
