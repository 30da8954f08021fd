namespace Dynospace.Runtime.Applying;

/// <summary>What to do with a desired object.</summary>
internal enum ApplyAction
{
    /// <summary>The cache does not hold it.</summary>
    Create,

    /// <summary>It is not as desired.</summary>
    Apply,

    /// <summary>It is as desired.</summary>
    Keep,

    /// <summary>It belongs to somebody else.</summary>
    LeaveForeign,

    /// <summary>It is on its way out, and can come back only when it is gone.</summary>
    AwaitEnd,
}
