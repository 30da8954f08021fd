using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Removes what a manager applied before and applies no longer, unless another owns it too, or holds something
/// below it.
/// </summary>
internal static class Pruner
{
    /// <param name="merged">The live object with the new configuration laid over it.</param>
    /// <param name="last">What the manager owned until now.</param>
    /// <param name="owned">What everybody owns from now on, the manager included.</param>
    public static JsonObject Prune(JsonObject merged, FieldSet last, FieldSet owned, TypeSchema schema)
    {
        var all = WithNamedFields(AppliedFields.Of(merged, schema).Fields, schema);
        var lastNamed = WithNamedFields(last, schema);

        // First without all the manager had, then with what others own, to learn what nobody holds any more.
        var stripped = ItemRemover.Remove(merged, lastNamed, schema);
        var kept = WithNamedFields(AppliedFields.Of(stripped, schema).Fields, schema).Union(
            WithNamedFields(owned, schema));
        var remaining = ItemRemover.Remove(merged, all.Except(kept), schema);

        // Of that, only what the manager itself had may go: the rest was never owned, or belongs to updaters.
        var held = WithNamedFields(AppliedFields.Of(remaining, schema).Fields, schema);
        return ItemRemover.Remove(merged, all.Except(held).Intersect(lastNamed), schema);
    }

    /// <summary>
    /// Adds the declared fields that lead to members. A set does not list the structs on the way to a leaf, yet they
    /// have to go with their last leaf.
    /// </summary>
    private static FieldSet WithNamedFields(FieldSet set, TypeSchema? schema)
    {
        var result = new FieldSet(set.Entries.Length);
        foreach (var entry in set.Entries)
        {
            var (element, isMember, children) = entry;
            if (children is not null)
            {
                var isField = element.Kind == PathElementKind.Field;
                isMember |= isField && Shapes.Declares(schema, element.Text);
                children = WithNamedFields(children, isField ? Shapes.Field(schema, element.Text) : schema?.Items);
            }

            result.Append(new(element, isMember, children));
        }

        return result;
    }
}
