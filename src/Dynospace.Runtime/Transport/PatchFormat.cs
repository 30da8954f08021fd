namespace Dynospace.Runtime.Transport;

/// <summary>The language of a patch.</summary>
public enum PatchFormat
{
    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>RFC 6902.</summary>
    Json,
}
