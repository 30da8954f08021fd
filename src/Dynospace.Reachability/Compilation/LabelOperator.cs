namespace Dynospace.Reachability.Compilation;

internal enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}
