namespace Dynospace.Runtime.Transport;

/// <summary>What becomes of the dependents of a deleted object.</summary>
public enum DeletePropagation
{
    /// <summary>They are deleted afterwards.</summary>
    Background,

    /// <summary>They are deleted first.</summary>
    Foreground,

    /// <summary>They stay.</summary>
    Orphan,
}
