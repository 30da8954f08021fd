using Dynospace.Runtime;

namespace Dynospace.Router.Tls;

/// <summary>An app's hosts and the Secrets that it names for them. A Secret speaks for no host but those of the app that names it.</summary>
internal sealed record CertificateDemand(ObjectKey App, IReadOnlyList<string> Hosts, IReadOnlyList<ObjectKey> Secrets);
