namespace Dynospace.Runtime.Applying;

/// <summary>Names an object of any kind.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Key">Its name.</param>
public sealed record ObjectReference(ResourceKind Kind, ObjectKey Key)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind.Kind} {Key}";
}
