namespace Dynospace.Router.Tls;

/// <summary>Why the certificate of a Secret is not served. The names are label values of metrics.</summary>
internal enum TlsSecretProblem
{
    /// <summary>There is no such Secret, or it may not be read.</summary>
    Missing,

    /// <summary>The Secret is not of type <c>kubernetes.io/tls</c>.</summary>
    WrongType,

    /// <summary>The certificate or its key cannot be read.</summary>
    Unreadable,

    /// <summary>The key is another certificate's.</summary>
    KeyMismatch,

    /// <summary>The certificate names no host.</summary>
    NoHosts,

    /// <summary>The certificate is expired or not valid yet.</summary>
    NotValidNow,

    /// <summary>The certificate covers no host of the app.</summary>
    HostMismatch,
}
