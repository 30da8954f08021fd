namespace Dynospace.Planning;

/// <summary>How far an object is from its spec.</summary>
internal enum Progress
{
    /// <summary>It is as it should be.</summary>
    Done,

    /// <summary>It is not, and needs nobody's help.</summary>
    Moving,

    /// <summary>It is not, and somebody must change something.</summary>
    Stalled,
}
