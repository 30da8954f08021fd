using Dynospace.Runtime;

namespace Dynospace.Router.Tls;

/// <summary>What a Secret holds: a certificate to serve, or the reason why there is none. Neither says anything of its content.</summary>
internal sealed record TlsSecretState(ObjectKey Key, ServerCertificate? Certificate, TlsSecretProblem? Problem);
