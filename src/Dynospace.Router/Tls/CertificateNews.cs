using Dynospace.Runtime;

namespace Dynospace.Router.Tls;

/// <summary>Why certificates are looked at again: other demands, a changed Secret, or neither but the time.</summary>
internal sealed record CertificateNews(IReadOnlyList<CertificateDemand>? Demands, ObjectKey? Changed);
